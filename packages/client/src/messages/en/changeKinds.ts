export const changeKinds = {
  added: 'new',
  modified: 'changed',
  deleted: 'deleted',
  renamed: 'renamed',
  typeChanged: 'mode or kind changed',
};

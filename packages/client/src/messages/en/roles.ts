export const roles = {
  viewer: 'may look',
  operator: 'may start and decide',
  admin: 'may do everything',
};

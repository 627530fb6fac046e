/**
 * Whether the page can be loaded anew and nothing that somebody did is lost. What is typed counts, unless its field says
 * that it is kept (`data-kept`); so does whatever says that it is not (`data-unkept`), and an open sheet.
 */
export function freeToLoad(page: Document): boolean {
  if (page.querySelector('dialog[open], [data-unkept]')) return false;
  const fields = page.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('textarea, input:not([type]), input[type=text], input[type=search], input[type=url], input[type=number], input[type=password], input[type=email]');
  return [...fields].every((field) => field.value === '' || field.value === field.defaultValue || field.dataset['kept'] !== undefined);
}

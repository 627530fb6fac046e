export const time = {
  ago: (time: string) => `${time} ago`,
  since: (time: string) => `since ${time}`,
  lasting: (time: string) => `for ${time}`,
};

export const field = {
  kept: '✓ Kept',
  maybeNotChanged: 'Nobody answered, so it may not have changed. Look again when the gateway is back.',
};

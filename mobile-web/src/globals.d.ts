/** The page's version, put in by the build. */
declare const __BUILD__: string;

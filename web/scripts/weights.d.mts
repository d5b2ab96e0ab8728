interface Chunk {
  file: string;
  isEntry?: boolean;
  isDynamicEntry?: boolean;
  imports?: string[];
  dynamicImports?: string[];
}

export function weights(manifest: Record<string, Chunk>): {
  first: string[];
  routes: Record<string, string[]>;
};

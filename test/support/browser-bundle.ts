// Bundles the portable folders for a browser and refuses anything of Node's: a `node:` import, or one of Node's own
// modules by its bare name, is an error, not something left for the browser to fail on.
import { builtinModules } from "node:module";
import { build, type Plugin } from "esbuild";

const refuseNode: Plugin = {
  name: "refuse-node",
  setup(context) {
    const bare = builtinModules.filter((name) => !["buffer"].includes(name));
    const filter = new RegExp(`^(node:.*|(${bare.map((name) => name.replace("/", "\\/")).join("|")}))$`);
    context.onResolve({ filter }, ({ path, importer }) => ({
      errors: [{ text: `${path} is not there in a browser (imported by ${importer})` }],
    }));
  },
};

/** The bundle's text, an ES module. Rejects when it would need Node. */
export async function browserBundle(contents: string): Promise<string> {
  const result = await build({
    stdin: { contents, resolveDir: ".", sourcefile: "entry.ts", loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    write: false,
    logLevel: "silent",
    plugins: [refuseNode],
  });
  return result.outputFiles[0]?.text ?? "";
}

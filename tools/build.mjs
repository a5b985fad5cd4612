// Builds widget and console into their static folders. `--check` writes nothing and fails when a built file differs.
//
// The same source gives the same bytes on every machine: versions are pinned, paths are relative to the repository,
// names carry a hash of their content, and nothing from the environment gets in.
import * as esbuild from "esbuild";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { minify } from "terser";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const EAGER_LIMIT = 10 * 1024; // gzip bytes of the widget before it is opened
const OPENED_LIMIT = 60 * 1024; // and with everything it loads when opened

/** GraphQL documents as text, without comments and needless space. They hold no string literals. */
const graphql = {
  name: "graphql",
  setup(build) {
    build.onLoad({ filter: /\.graphql$/ }, async ({ path: file }) => {
      const source = await readFile(file, "utf8");
      const contents = source
        .replace(/#[^\n]*/g, "")
        .replace(/[\s,]+/g, " ")
        .replace(/ ?([{}()\[\]:!=]|\.\.\.) ?/g, "$1")
        .replace(/([)}\]])(?=[\w$])/g, "$1 ")
        .trim();
      return { contents, loader: "text" };
    });
  },
};

/** The widget's words: one default export, where esbuild's own loader would name each word once more. */
const words = {
  name: "words",
  setup(build) {
    build.onLoad({ filter: /locales[\\/][^\\/]+\.json$/ }, async ({ path: file }) => {
      return { contents: `export default ${JSON.stringify(JSON.parse(await readFile(file, "utf8")))};`, loader: "js" };
    });
  },
};

/** Style sheets as minified text: those that a script adopts, where others are linked. */
const sheets = (filter) => ({
  name: "sheets",
  setup(build) {
    build.onLoad({ filter }, async ({ path: file }) => {
      const source = await readFile(file, "utf8");
      const { code } = await esbuild.transform(source, { loader: "css", minify: true, target: TARGET });
      // Of custom properties esbuild keeps every blank. No string in these sheets holds such a pair.
      return { contents: code.trim().replace(/(, |: )/g, (pair) => pair[0]), loader: "text" };
    });
  },
});

const TARGET = ["chrome111", "edge111", "firefox115", "safari16.4"];

const common = {
  absWorkingDir: ROOT,
  preserveSymlinks: true, // names of files must not tell where somebody keeps node_modules
  bundle: true,
  format: "esm",
  splitting: true,
  target: TARGET,
  minify: true,
  charset: "utf8",
  legalComments: "none",
  sourcemap: false,
  metafile: true,
  write: false,
  logLevel: "warning",
  define: { "process.env.NODE_ENV": '"production"' },
};

const targets = [
  {
    name: "widget",
    out: "saleor_livesales/storefront/static",
    entry: "saleor_livesales/storefront/src/index.ts",
    types: "saleor_livesales/storefront/src/livesales.d.ts", // as it is, beside livesales.js
    twice: true,
    beside: { "livesales-member": "saleor_livesales/storefront/src/member.ts" },
    options: {
      entryPoints: { livesales: "saleor_livesales/storefront/src/index.ts" },
      outdir: "saleor_livesales/storefront/static",
      entryNames: "[name]",
      chunkNames: "assets/[name]-[hash]",
      plugins: [graphql, sheets(/\.css$/), words],
      tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } }, // fields are not declared once more
    },
  },
  {
    name: "console",
    out: "saleor_livesales/dashboard/static",
    entry: "saleor_livesales/dashboard/src/main.tsx",
    manifest: true,
    notice: ["saleor_livesales/dashboard/src/fonts/inter-OFL.txt", "assets/inter-OFL.txt"], // goes with the typeface
    page: "saleor_livesales/dashboard/src/index.html", // relative addresses: it is served at console/ and console/settings
    options: {
      entryPoints: { console: "saleor_livesales/dashboard/src/main.tsx" },
      outdir: "saleor_livesales/dashboard/static",
      entryNames: "assets/[name]-[hash]",
      chunkNames: "assets/[name]-[hash]",
      assetNames: "assets/[name]-[hash]",
      jsx: "automatic",
      jsxImportSource: "preact",
      loader: { ".svg": "dataurl", ".woff2": "file" },
      plugins: [graphql, sheets(/[\\/]looks[\\/]stage\.css$/)], // the page in the preview's frame
    },
  },
];

/** Once more through a minifier that looks further than esbuild's: two per cent of what every visitor of a shop loads. */
async function smaller(text) {
  const { code } = await minify(text, { module: true, ecma: 2020, compress: { passes: 3 } });
  return Buffer.from(`${code}\n`);
}

async function compile(target) {
  const results = [await esbuild.build({ ...common, ...target.options })];
  // On its own, so that what it shares with the other entry is no chunk of both.
  if (target.beside) results.push(await esbuild.build({ ...common, ...target.options, entryPoints: target.beside, splitting: false }));
  const out = path.join(ROOT, target.out);
  const files = new Map();
  for (const file of results.flatMap(({ outputFiles }) => outputFiles)) {
    const name = path.relative(out, file.path).replaceAll(path.sep, "/");
    files.set(name, target.twice && name.endsWith(".js") ? await smaller(file.text) : Buffer.from(file.contents));
  }
  if (target.types) files.set(path.basename(target.types), await readFile(path.join(ROOT, target.types)));
  if (target.notice) files.set(target.notice[1], await readFile(path.join(ROOT, target.notice[0])));
  if (target.manifest) {
    const entries = [...files.keys()].filter((name) => /^assets\/console-[^/]+\.(js|css)$/.test(name)).sort();
    const manifest = Object.fromEntries(entries.map((name) => [`console${path.extname(name)}`, name]));
    files.set("manifest.json", Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
    const page = await readFile(path.join(ROOT, target.page), "utf8");
    const filled = page.replace("%CONSOLE_JS%", manifest["console.js"]).replace("%CONSOLE_CSS%", manifest["console.css"]);
    files.set("index.html", Buffer.from(filled));
  }
  return files;
}

async function existing(target) {
  const out = path.join(ROOT, target.out);
  if (!existsSync(out)) return [];
  const names = await readdir(out, { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => path.relative(out, path.join(entry.parentPath ?? entry.path, entry.name)).replaceAll(path.sep, "/"));
}

async function drift(target, files) {
  const wrong = [];
  for (const [name, contents] of files) {
    const file = path.join(ROOT, target.out, name);
    if (!existsSync(file)) wrong.push(`${target.out}/${name} is missing`);
    else if (!contents.equals(await readFile(file))) wrong.push(`${target.out}/${name} differs`);
  }
  for (const name of await existing(target)) if (!files.has(name)) wrong.push(`${target.out}/${name} is left over`);
  return wrong;
}

async function write(target, files) {
  for (const name of await existing(target)) if (!files.has(name)) await rm(path.join(ROOT, target.out, name));
  for (const [name, contents] of files) {
    const file = path.join(ROOT, target.out, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, contents);
  }
}

function report(target, files) {
  const sizes = new Map();
  for (const [name, contents] of [...files].sort()) {
    const size = gzipSync(contents, { level: 9 }).length;
    sizes.set(name, size);
    console.log(`${target.name.padEnd(8)} ${name.padEnd(36)} ${String(contents.length).padStart(7)} B ${String(size).padStart(6)} B gzip`);
  }
  if (target.name !== "widget") return [];
  // A visitor loads the words of one language: the longest count.
  const longest = (kind) => Math.max(0, ...[...sizes].filter(([name]) => name.startsWith(`assets/${kind}-`)).map(([, size]) => size));
  const eager = sizes.get("livesales.js") + longest("page");
  const opened = eager + longest("window") + longest("panel");
  console.log(`widget   before it is opened ${eager} B gzip, opened ${opened} B gzip`);
  return [
    ...(eager > EAGER_LIMIT ? [`the widget is ${eager} bytes gzip before it is opened, more than ${EAGER_LIMIT}`] : []),
    ...(opened > OPENED_LIMIT ? [`the opened widget is ${opened} bytes gzip, more than ${OPENED_LIMIT}`] : []),
  ];
}

const args = process.argv.slice(2);
const check = args.includes("--check");
const only = args.filter((arg) => !arg.startsWith("--"));
const problems = [];
for (const target of targets) {
  if ((only.length && !only.includes(target.name)) || !existsSync(path.join(ROOT, target.entry))) continue;
  const files = await compile(target);
  problems.push(...report(target, files));
  if (check) problems.push(...(await drift(target, files)));
  else await write(target, files);
}
if (problems.length) {
  console.error(`${problems.join("\n")}\nRun \`node tools/build.mjs\` and commit what it writes.`);
  process.exitCode = 1;
}

// Another version of PHP, as WebAssembly: node other.mjs PACKAGES VERSION ARGUMENT…
// PACKAGES has what tests/install-php-ends brought. Files are those of this machine; what
// harness/other.php has sent, is sent.
import { createRequire } from "node:module";

const [packages, version, ...given] = process.argv.slice(2);
const brought = createRequire(`${packages}/`);
const { PHP, loadPHPRuntime } = brought("@php-wasm/universal");
const { getPHPLoaderModule } = brought(`@php-wasm/node-${version}`);

const php = new PHP(await loadPHPRuntime(await getPHPLoaderModule(), { processId: 1 }));
// Each folder at the root that is named: what PHP is to read and write is in there.
for (const root of new Set(given.filter((it) => it[0] === "/").map((it) => `/${it.split("/")[1]}`))) {
  php.mkdir(root);
  await php.mount(root, (_, FS, there) => {
    FS.mount(FS.filesystems.NODEFS, { root }, there);
    return () => FS.unmount(there);
  });
}
php.onMessage(async (told) => {
  const { url, body, headers } = JSON.parse(told);
  const named = headers.map((line) => line.split(/:\s*/, 2)).filter(([, said]) => said);
  try {
    const came = await fetch(url, { method: "POST", body, headers: named });
    return JSON.stringify({ status: came.status, body: await came.text(), error: "" });
  } catch (gone) {
    return JSON.stringify({ status: 0, body: "", error: String(gone.cause ?? gone) });
  }
});
const ran = await php.cli(["php", ...given]);
process.stdout.write(await ran.stdoutText);
process.stderr.write(await ran.stderrText);
process.exit(await ran.exitCode);

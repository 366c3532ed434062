// Joins the modules of src/ into the files of dist/ as rolldown.config.ts says, and prints nothing unless something is wrong: the command
// line of rolldown lists every file.
import { build } from 'rolldown';
import { loadConfig } from 'rolldown/config';

await build(await loadConfig('rolldown.config.ts'));

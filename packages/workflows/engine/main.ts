/** The engine process: evaluates one run's workflow. The server starts it and speaks the engine protocol with it. */
import { cwlEngine } from '@helicase/cwl';
import { nextflowEngine } from '@helicase/nextflow';
import { serveEngine } from '@helicase/runtime';
import { lenientWdlEngine, wdlEngine } from '@helicase/wdl';

serveEngine({
  languages: { WDL: wdlEngine, WDL_LENIENT: lenientWdlEngine, CWL: cwlEngine, NEXTFLOW: nextflowEngine },
});

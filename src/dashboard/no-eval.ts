// Schemas are to be walked, not compiled: compiling takes eval, which the page's policy forbids, and even trying is reported there.
// Imported before any module that makes a schema.
import { config } from "zod";

config({ jitless: true });

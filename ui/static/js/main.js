import "./keys.js";
import "./times.js";
import "./live.js";
import "./lease.js";
import "./decide.js";
import "./drafts.js";
import "./refusals.js";
import "./menu.js";

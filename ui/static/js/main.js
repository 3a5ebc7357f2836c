import "./keys.js";
import "./times.js";
import "./live.js";
import "./lease.js";
import "./decide.js";
import "./early.js"; // after decide.js, which may hold a submission back
import "./drafts.js";
import "./refusals.js";
import "./menu.js";

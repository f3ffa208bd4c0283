-- Of a completed step of a workflow: the span in which its worker processed it, as W3C Trace Context writes it. The steps that depend on it
-- are handed out with it, and so is what undoes it. NULL: it was not traced, as all that is no step.
ALTER TABLE task ADD COLUMN traceparent TEXT;

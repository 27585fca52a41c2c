-- Large values (manifests, responses, images, weights, scores, models) are content-addressed blobs; these rows name them by sha256.
-- `seq` orders lists: newest first, and a page's cursor is the last seq seen.

CREATE TABLE datasets (
  id text PRIMARY KEY,
  seq bigserial UNIQUE,
  owner text NOT NULL,
  name text NOT NULL,
  sha256 text NOT NULL,
  manifest text NOT NULL,
  responses text NOT NULL,
  stimuli text NOT NULL,
  summary jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE weights (
  backbone text NOT NULL,
  sha256 text NOT NULL,
  seq bigserial UNIQUE,
  blob text NOT NULL,
  source text NOT NULL,
  licence text,
  format text NOT NULL,
  bytes bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (backbone, sha256)
);

CREATE TABLE fits (
  id text PRIMARY KEY,
  seq bigserial UNIQUE,
  owner text NOT NULL,
  dataset text NOT NULL REFERENCES datasets (id),
  backbone text NOT NULL,
  request jsonb NOT NULL,
  status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  progress jsonb,
  cancel_requested boolean NOT NULL DEFAULT false,
  -- The number of the delivery that may write. A later delivery raises it, so that a worker that was thought dead cannot write any more.
  fence integer NOT NULL DEFAULT 0,
  -- deliveries whose fit process died by itself, and deliveries lost with their worker
  crashes integer NOT NULL DEFAULT 0,
  losses integer NOT NULL DEFAULT 0,
  -- the queue's job that carries this fit
  job uuid NOT NULL,
  error jsonb,
  -- last lines that a crashed fit process wrote, for the operator
  stderr text,
  scores text,
  predictions jsonb,
  encoder text,
  peak_rss_bytes bigint,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz,
  CHECK ((status = 'succeeded') = (scores IS NOT NULL))
);
CREATE INDEX fits_dataset ON fits (dataset);
CREATE INDEX fits_unfinished ON fits (id) WHERE status IN ('queued', 'running');

-- Written only together with an update of the fit's row, whose lock puts the ids of one fit in commit order: a reader never misses an id below one it saw.
CREATE TABLE fit_events (
  id bigserial PRIMARY KEY,
  fit text NOT NULL REFERENCES fits (id) ON DELETE CASCADE,
  type text NOT NULL CHECK (type IN ('status', 'progress', 'end')),
  data jsonb NOT NULL
);
CREATE INDEX fit_events_fit ON fit_events (fit, id);

CREATE TABLE encoders (
  id text PRIMARY KEY,
  seq bigserial UNIQUE,
  owner text NOT NULL,
  fit text NOT NULL REFERENCES fits (id) ON DELETE CASCADE,
  dataset text NOT NULL,
  backbone text NOT NULL,
  layer text NOT NULL,
  -- file name -> sha256 of its blob
  files jsonb NOT NULL,
  card jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (fit, layer)
);

CREATE TABLE idempotency_keys (
  owner text NOT NULL,
  route text NOT NULL,
  key text NOT NULL,
  body_sha256 text NOT NULL,
  answer jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (owner, route, key)
);

-- Every blob that some row needs.
CREATE VIEW blob_references AS
  SELECT manifest AS sha256 FROM datasets
  UNION ALL SELECT responses FROM datasets
  UNION ALL SELECT stimuli FROM datasets
  UNION ALL SELECT blob FROM weights
  UNION ALL SELECT scores FROM fits WHERE scores IS NOT NULL
  UNION ALL SELECT file.value FROM fits, jsonb_each_text(fits.predictions) AS file
  UNION ALL SELECT file.value FROM encoders, jsonb_each_text(encoders.files) AS file;

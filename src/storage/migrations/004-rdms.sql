-- An RDM's values, and those of its animals, lie in one npz; `card` is all that is told of it beside the columns.
CREATE TABLE rdms (
  id text PRIMARY KEY,
  seq bigserial UNIQUE,
  owner text NOT NULL,
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('responses', 'activations', 'predicted', 'given')),
  n integer NOT NULL,
  "by" text NOT NULL,
  distance text NOT NULL,
  -- The dataset it is of, where it is of one. No reference: the values stay what they are when the dataset goes.
  dataset text,
  blob text NOT NULL,
  card jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE OR REPLACE VIEW blob_references AS
  SELECT manifest AS sha256 FROM datasets
  UNION ALL SELECT responses FROM datasets
  UNION ALL SELECT stimuli FROM datasets
  UNION ALL SELECT blob FROM weights
  UNION ALL SELECT scores FROM fits WHERE scores IS NOT NULL
  UNION ALL SELECT file.value FROM fits, jsonb_each_text(fits.predictions) AS file
  UNION ALL SELECT file.value FROM fits, jsonb_each_text(fits.record) AS file
  UNION ALL SELECT file.value FROM encoders, jsonb_each_text(encoders.files) AS file
  UNION ALL SELECT blob FROM rdms;

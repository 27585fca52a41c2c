-- Activations from elsewhere: for a dataset, under a name, in versions. A layer's matrix is a blob.
CREATE TABLE activations (
  id text PRIMARY KEY,
  seq bigserial UNIQUE,
  owner text NOT NULL,
  name text NOT NULL,
  dataset text NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
  -- over names, shapes and bytes of all layers
  sha256 text NOT NULL,
  -- [{name, shape, units, type, sha256, bytes}]
  layers jsonb NOT NULL,
  source text NOT NULL,
  upload_sha256 text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (name, dataset, sha256)
);
CREATE INDEX activations_dataset ON activations (dataset);

-- Which version a fit rests on: it stays as long as the fit.
CREATE TABLE fit_activations (
  fit text NOT NULL REFERENCES fits (id) ON DELETE CASCADE,
  activations text NOT NULL REFERENCES activations (id),
  PRIMARY KEY (fit, activations)
);
CREATE INDEX fit_activations_activations ON fit_activations (activations);

-- Whatever the view says so far, and the layers' matrices.
DO $$
BEGIN
  EXECUTE 'CREATE OR REPLACE VIEW blob_references AS ' || rtrim(pg_get_viewdef('blob_references'::regclass), ';')
    || ' UNION ALL SELECT layer.value ->> ''sha256'' FROM activations, jsonb_array_elements(activations.layers) AS layer';
END
$$;

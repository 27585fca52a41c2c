-- Users' own ONNX models, backbones by the name onnx:NAME. The file itself is a row of weights; a name never changes its model.
CREATE TABLE models (
  name text PRIMARY KEY,
  seq bigserial UNIQUE,
  owner text NOT NULL,
  -- of the file
  sha256 text NOT NULL,
  -- blob: the layer graph without weights, as JSON
  manifest text NOT NULL,
  -- what the user said of it
  settings jsonb NOT NULL,
  -- what lists show: input size and number of layers
  card jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Which models a fit rests on: they stay as long as the fit.
CREATE TABLE fit_models (
  fit text NOT NULL REFERENCES fits (id) ON DELETE CASCADE,
  model text NOT NULL REFERENCES models (name),
  PRIMARY KEY (fit, model)
);
CREATE INDEX fit_models_model ON fit_models (model);

-- Whatever the view says so far, and the models' graphs.
DO $$
BEGIN
  EXECUTE 'CREATE OR REPLACE VIEW blob_references AS ' || rtrim(pg_get_viewdef('blob_references'::regclass), ';')
    || ' UNION ALL SELECT manifest FROM models';
END
$$;

-- sha256 of all that a fit's scores depend on: a fit of the same conditions has the same scores. Null for fits of before it was kept.
ALTER TABLE fits ADD COLUMN conditions text;
CREATE INDEX fits_conditions ON fits (conditions) WHERE conditions IS NOT NULL;
-- A comparison asked for it, nobody else: it may be cancelled with the comparisons that list it.
ALTER TABLE fits ADD COLUMN of_comparison boolean NOT NULL DEFAULT false;

CREATE TABLE comparisons (
  id text PRIMARY KEY,
  seq bigserial UNIQUE,
  owner text NOT NULL,
  dataset text NOT NULL REFERENCES datasets (id),
  request jsonb NOT NULL,
  -- blob of the ComparisonScores as JSON, once they were asked for
  scores text,
  cancelled_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Its fits, in the order of the table's rows.
CREATE TABLE comparison_fits (
  comparison text NOT NULL REFERENCES comparisons (id) ON DELETE CASCADE,
  place integer NOT NULL,
  name text NOT NULL,
  region text NOT NULL,
  fit text NOT NULL REFERENCES fits (id),
  reused boolean NOT NULL,
  PRIMARY KEY (comparison, place)
);
CREATE INDEX comparison_fits_fit ON comparison_fits (fit);

-- Whatever the view says so far, and the comparisons' scores.
DO $$
BEGIN
  EXECUTE 'CREATE OR REPLACE VIEW blob_references AS ' || rtrim(pg_get_viewdef('blob_references'::regclass), ';')
    || ' UNION ALL SELECT scores FROM comparisons WHERE scores IS NOT NULL';
END
$$;

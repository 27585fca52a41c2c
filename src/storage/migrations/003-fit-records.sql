-- What a fit worked on, kept with its results: file name -> sha256 of its blob. Null for fits of before.
ALTER TABLE fits ADD COLUMN record jsonb;

CREATE OR REPLACE VIEW blob_references AS
  SELECT manifest AS sha256 FROM datasets
  UNION ALL SELECT responses FROM datasets
  UNION ALL SELECT stimuli FROM datasets
  UNION ALL SELECT blob FROM weights
  UNION ALL SELECT scores FROM fits WHERE scores IS NOT NULL
  UNION ALL SELECT file.value FROM fits, jsonb_each_text(fits.predictions) AS file
  UNION ALL SELECT file.value FROM fits, jsonb_each_text(fits.record) AS file
  UNION ALL SELECT file.value FROM encoders, jsonb_each_text(encoders.files) AS file;

-- What was said about a fit before it was run: frozen with the fit's row, never changed. `canonical` is the text that `sha256` is of.
CREATE TABLE registrations (
  id text PRIMARY KEY,
  owner text NOT NULL,
  canonical text NOT NULL,
  sha256 text NOT NULL,
  registered_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a row of % stays as it is', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER registrations_stay BEFORE UPDATE OR DELETE ON registrations FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The registration that a fit follows: the first fit of one is the registered one.
ALTER TABLE fits ADD COLUMN registration text REFERENCES registrations (id);
CREATE INDEX fits_registration ON fits (registration, seq) WHERE registration IS NOT NULL;

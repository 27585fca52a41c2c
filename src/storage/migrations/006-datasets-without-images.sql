-- A dataset may come without images: responses and metadata, for activations from elsewhere.
ALTER TABLE datasets ALTER COLUMN stimuli DROP NOT NULL;

"""Steps that several verbs share. They compose nouns as verbs do, and are no verbs themselves."""

-- Files of the vault that a transaction let stay. A file gets its name after the commit; where a killed process did
-- not come to that, the next start does it for those that are here and removes the others.
CREATE TABLE kept_files (name TEXT PRIMARY KEY) STRICT;

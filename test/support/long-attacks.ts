// Imported before the attacks: makes each last long (arena.ts).
process.env.FAIRMESH_ATTACK_MS ??= "20000";

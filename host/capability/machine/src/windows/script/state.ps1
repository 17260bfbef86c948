# Tells what became of a job.
Ended '0' (State)

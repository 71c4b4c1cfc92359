# What helps engines to find inputs, a line a target, each part if need be:
#
#	set(fuzzing_NAME "text dictionary, zone mutator, at most 4096 octets")
#
# Dictionaries are "wire" and "text": both for a target that names none.  Mutators are the
# mutate_*.c: none for a target that names none, and docs/fuzzing.md says what one has
# to be worth.
set(fuzzing_config "text dictionary")
set(fuzzing_differential "wire dictionary")
set(fuzzing_edns_cookie "wire dictionary")
set(fuzzing_fix "text dictionary, zone mutator")
set(fuzzing_hosts_leases_peers "text dictionary")
set(fuzzing_layers "text dictionary, zone mutator")
set(fuzzing_message "wire dictionary")
set(fuzzing_name "wire dictionary")
set(fuzzing_rdata "wire dictionary")
set(fuzzing_respond "wire dictionary")
set(fuzzing_response "wire dictionary")
set(fuzzing_script "text dictionary, at most 16384 octets")
set(fuzzing_zonefile "text dictionary, zone mutator")

/*
 * command.h -- `ten35 sim`: plays scripts, and storms by chance.
 */
#ifndef SIM_COMMAND_H
#define SIM_COMMAND_H

/* argv are the words behind "sim".  The exit status: 0 good, 1 not, 2 asked wrongly. */
int sim_command(int argc, char **argv);

#endif

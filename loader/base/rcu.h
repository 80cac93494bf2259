/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_RCU_H
#define PCTL_RCU_H

/* Waits until all runs of programs that began before the call have ended. XDP and tc run programs
 * under RCU, and MEMBARRIER_CMD_GLOBAL is a synchronize_rcu() (kernel/sched/membarrier.c). */
void wait_for_running_programs(void);

#endif

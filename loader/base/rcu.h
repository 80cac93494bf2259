/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_RCU_H
#define PCTL_RCU_H

/* Waits until no CPU runs a program that began before the call: MEMBARRIER_CMD_GLOBAL is a
 * synchronize_rcu() (kernel/sched/membarrier.c), and XDP and tc run under RCU. */
void wait_for_running_programs(void);

#endif

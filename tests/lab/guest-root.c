/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest has a system of its own on a disk, with an init of its own: how does it get there?
 * Mirrors switch_root(8); /payload goes along as /lab. */
#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

#define TOP "/newroot"

static void move(const char *from, const char *to)
{
	if (mount(from, to, NULL, MS_MOVE, NULL))
		give_up(to);
}

void boot_root(const char *device)
{
	load_modules("/disk");
	mkdir(TOP, 0755);
	for (int i = 0; mount(device, TOP, "ext4", 0, NULL); i++) {
		/* The disk may take a moment to be found. */
		if (i == 100)
			give_up(device);
		sleep_ms(50);
	}
	mkdir(TOP "/lab", 0755);
	if (mount("/payload", TOP "/lab", NULL, MS_BIND, NULL))
		give_up("/payload");
	move("/dev", TOP "/dev");
	move("/proc", TOP "/proc");
	move("/sys", TOP "/sys");
	if (chdir(TOP))
		give_up(TOP);
	move(".", "/");
	if (chroot(".") || chdir("/"))
		give_up("chroot");
	execl("/sbin/init", "init", (char *)NULL);
	give_up("/sbin/init");
}

"""tasks.py - gdb: "tasks" lists the tasks of a process or core with their backtraces.

    gdb -batch -p PID -x tests/support/gdb/tasks.py -ex tasks
    gdb -batch PROGRAM CORE -x tests/support/gdb/tasks.py -ex 'tasks 20'

Nothing is run in the process and no register is changed: an unwinder makes the
place where a task is parked look like the caller of the innermost frame.
"""
import gdb
import gdb.unwinder

STATES = ("dead", "running", "parked", "ready")
PARKED = (2, 3)
LAST_FRAME = "body"  # of proto/task/stack.c: below it is nothing

# where swapcontext keeps registers in uc_mcontext.gregs (x86-64, <sys/ucontext.h>)
REGISTERS = {"r12": 4, "r13": 5, "r14": 6, "r15": 7, "rbp": 10, "rbx": 11, "rsp": 15, "rip": 16}


def saved_registers(task):
    saved = task["context"]["uc"]["uc_mcontext"]["gregs"]
    return {name: int(saved[i]) for name, i in REGISTERS.items()}


class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = gdb.Value(sp), gdb.Value(pc)


class Parked(gdb.unwinder.Unwinder):
    """Makes frame 1 of the present thread the frame a task is parked in."""

    def __init__(self):
        super().__init__("chatconnect-tasks")
        self.registers = None

    def __call__(self, pending):
        registers, self.registers = self.registers, None
        if registers is None:
            return None
        here = FrameId(pending.read_register("rsp"), pending.read_register("rip"))
        info = pending.create_unwind_info(here)
        word = gdb.lookup_type("unsigned long")
        for name, value in registers.items():
            info.add_saved_register(name, gdb.Value(value).cast(word))
        return info

    def frames(self, task):
        self.registers = saved_registers(task)
        gdb.invalidate_cached_frames()
        frame = gdb.newest_frame().older()
        while frame is not None and frame.is_valid():
            yield frame
            frame = None if frame.name() in (LAST_FRAME, None) else frame.older()
        self.registers = None
        gdb.invalidate_cached_frames()


class Tasks(gdb.Command):
    """tasks [FRAMES]: every live task and where it waits"""

    def __init__(self, parked):
        super().__init__("tasks", gdb.COMMAND_STACK)
        self.parked = parked

    def show_frames(self, task, most):
        for i, frame in enumerate(self.parked.frames(task)):
            if i == most:
                break
            sal = frame.find_sal()
            place = f"{sal.symtab.filename}:{sal.line}" if sal.symtab else ""
            print(f"    #{i:<2} {frame.name() or hex(frame.pc())}  {place}")

    def invoke(self, argument, from_tty):
        most = int(argument) if argument else 16
        address, count = gdb.parse_and_eval("cc_task_list"), 0
        while int(address) != 0:
            task = address.dereference()
            state = int(task["state"])
            told = " cancelled" if task["cancelled"] else ""
            trace = task["trace"].string()
            print(f'task {task["name"].string()}: {STATES[state]}{told} {trace}'.rstrip())
            if state in PARKED:
                self.show_frames(task, most)
            address, count = task["next_live"], count + 1
        print(f"{count} tasks")


_parked = Parked()
gdb.unwinder.register_unwinder(None, _parked, True)
Tasks(_parked)

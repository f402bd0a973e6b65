#include "infra/ctl/ctl.h"

int main(int argc, char **argv)
{
    return cc_ctl_main(argc, argv);
}

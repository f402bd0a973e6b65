/*
 * dashboard_ws.h - what is known for the sockets of back offices, beside the sockets themselves.
 */
#ifndef CC_GATEWAY_DASHBOARD_WS_H
#define CC_GATEWAY_DASHBOARD_WS_H

void cc_dashboard_close(void); /* when their tasks have ended */

#endif

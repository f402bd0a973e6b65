/*
 * clients.h - a tenant as its people and our own programs see it.
 */
#ifndef CC_GATEWAY_CLIENTS_H
#define CC_GATEWAY_CLIENTS_H

#include <jansson.h>

#include "proto/store/tenant.h"

/* {id, name, tier, limits, ceiling, inForce: what counts in the end, createdAt}; a new object.
 * REPLY: a stored limit cannot be read. */
int cc_client_json(const struct cc_tenant *tenant, json_t **ret);

#endif

"""The same hostile servers, played to sioc and to two other clients."""

"""Ways to a device that sleeps, each a `Sender`: UDP, SMPP, WAP Push, MQTT, a webhook."""

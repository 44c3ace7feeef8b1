"""Package #0 by Mosquitto: what a device that listens there is really given."""

from fumo.server.edges.senders.mqtt import Mqtt, MqttSender
from tests.senders.mosquitto import PASSWORD, USER, Broker
from tests.senders.parcels import WSP, parcel
from tests.senders.smsc import free_port


def sender(broker: Broker, password: str = PASSWORD) -> MqttSender:
    return MqttSender(Mqtt("127.0.0.1", broker.port, USER, password), all_s=3.0)


def test_whoever_listens_receives_package_0_octet_by_octet(mosquitto: Broker):
    ours = sender(mosquitto)
    for _ in range(2):
        assert ours.send(parcel("devices/1/wake")).good
        assert mosquitto.message() == ("devices/1/wake", WSP)
    ours.close()


def test_a_broker_that_went_away_is_down_and_found_again(mosquitto: Broker):
    ours = sender(mosquitto)
    assert ours.send(parcel("devices/1")).good
    mosquitto.stop()
    gone = ours.send(parcel("devices/1"))
    assert (gone.good, gone.down) == (False, True)
    mosquitto.start()
    assert ours.send(parcel("devices/2")).good
    assert mosquitto.message() == ("devices/2", WSP)
    ours.close()


def test_a_wrong_password_is_told_without_it(mosquitto: Broker):
    ours = sender(mosquitto, "hunter2")
    sent = ours.send(parcel("devices/1"))
    assert sent.down
    assert "hunter2" not in sent.trouble + repr(Mqtt("h", password="hunter2"))
    ours.close()


def test_nobody_there_is_down():
    ours = MqttSender(Mqtt("127.0.0.1", free_port()), all_s=3.0)
    assert ours.send(parcel("devices/1")).down
    ours.close()

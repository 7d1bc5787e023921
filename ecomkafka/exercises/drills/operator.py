"""What an operator does to a shop: calls that exist for that, the same ones in every drill."""

from ecomkafka.clients import Cluster
from ecomkafka.exercises.drills.label_printer import LabelPrinter
from ecomkafka.exercises.drills.partner_app import PartnerApp
from ecomkafka.exercises.drills.scene import Scene
from ecomkafka.gateways.mail_server import MailServer
from ecomkafka.machine.errors import BrokerError
from ecomkafka.operations.service_process import ServiceProcess
from ecomkafka.shop import Shop
from ecomkafka.shop.instances import Staff, processes


class Operator:
    """For all else there are the command line, `cluster` with kafka-python, and the shop's own calls."""

    _scene: Scene

    @property
    def shop(self) -> Shop:
        """The shop with its tables and panels; `shop.order` is its own door."""
        return self._scene.shop

    @property
    def app(self) -> PartnerApp:
        """The app of another team: the second door."""
        return self._scene.app

    @property
    def labels(self) -> LabelPrinter:
        """The label printer of a third team; its group is "labels"."""
        return self._scene.labels

    @property
    def cluster(self) -> Cluster:
        """The shop's Kafka, for clients of your own: `cluster.consumer(…)`, `.producer(…)`, `.admin()`."""
        return self._scene.cluster

    def restart(self, service: str) -> None:
        """Stop the service if it runs, and start it under its name. Raises ValueError for an unknown one."""
        workers = {worker.name: worker for worker in Staff(self.shop).instances}
        if service in workers:
            Staff(self.shop).restart(workers[service])
        else:
            process = self._process(service)
            process.stop()
            process.start().wait_ready()

    def resume(self, service: str) -> None:
        """Continue the service's process, as `kill -CONT` does. Raises ValueError if it has no process of its own."""
        self._process(service).resume()

    def restart_mail(self) -> None:
        """Restart the mail server: its port and its mails stay, what has clogged it does not."""
        server = self._scene.shop.mail_server
        assert isinstance(server, MailServer), "every drill has one"
        server.stop()
        server.delay = server.failure_rate = 0.0
        server.start()

    def start_broker(self, number: int) -> None:
        """Start the broker on its data, with room on its disk. Raises ValueError for an unknown one."""
        nodes = {node.number: node for node in self._scene.broker.nodes} if self._scene.broker else {}
        if number not in nodes:
            allowed = ", ".join(map(str, nodes)) or "none: this shop is on the machine's shared broker, which runs"
            raise ValueError(f"broker is {number!r:.80}: {allowed} can be started")
        if nodes[number].process is not None:
            raise BrokerError(f"broker {number} runs already")
        nodes[number].start()
        nodes[number].wait()

    def _process(self, service: str) -> ServiceProcess:
        there = {process.service: process for process in processes(self.shop)}
        if service not in there:
            names = ", ".join(there) or "none: here the services are threads of this kernel"
            raise ValueError(f"service is {service!r:.80}: processes of their own have {names}")
        return there[service]

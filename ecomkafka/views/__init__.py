"""The figures of the lessons. Each returns a `View`: a picture, the numbers behind it, and in words what is to be
seen.
"""

from ecomkafka.views.lag import lag_plot as lag_plot
from ecomkafka.views.lag import sample_lags as sample_lags
from ecomkafka.views.partitions import partition_plot as partition_plot
from ecomkafka.views.sales import windows_plot as windows_plot
from ecomkafka.views.sources import source as source
from ecomkafka.views.stock import stock_plot as stock_plot
from ecomkafka.views.swimlanes.swimlane import side_by_side as side_by_side
from ecomkafka.views.swimlanes.swimlane import swimlane as swimlane
from ecomkafka.views.view import View as View

"""What an order costs in AWS: operations counted in the embedded cloud, times dated list prices."""

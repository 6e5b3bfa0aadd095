"""From source systems to the landing zone: what the source sent, as it was sent, immutable and accounted for."""

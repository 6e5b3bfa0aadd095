"""The source systems of the sample shop: each module writes what its system would hand out, with the planted errors of sample_shop/dirt.yml."""

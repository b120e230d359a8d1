// ProofAggregation

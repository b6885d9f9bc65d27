package com.cloudbees.plugins.credentials.domains;

import java.io.Serializable;
import java.util.List;

public class Domain implements Serializable {
    private Domain() {}

    public boolean test(List<DomainRequirement> requirements) {
        throw new UnsupportedOperationException();
    }
}

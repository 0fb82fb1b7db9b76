package quota

import "slices"

// Share is how much each of those who want something may have of most: who
// wants less leaves the rest to the others, and nobody gets nothing. If there is
// enough for all, it is most.
func Share(most int, wants []int) int {
	left, sorted := most, slices.Sorted(slices.Values(wants))
	for i, want := range sorted {
		if share := left / (len(sorted) - i); want > share {
			return max(1, share)
		}
		left -= want
	}
	return most
}

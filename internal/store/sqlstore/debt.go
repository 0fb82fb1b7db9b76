package sqlstore

// saveDebts writes what the listeners of things are owed: one statement for
// each thing and namespace, its notices folded into one.
func (w *work) saveDebts(debts []debt) error {
	for _, d := range folded(debts) {
		w.wrote = true
		n := d.notice
		rows, err := w.asSaved().exec("owe", d.thing, d.namespace, n.Before.Job, n.Before.Number, n.Added.Job, n.Added.Number,
			flag(n.Members), w.nextSeq(), everyNamespaceBut(d.namespace))
		if err != nil {
			return err
		}
		w.tally.Owed += rows
	}
	return nil
}

// folded merges the debts of the same thing and namespace, in order.
func folded(debts []debt) []debt {
	type key struct{ thing, namespace string }
	place := make(map[key]int, len(debts))
	var list []debt
	for _, d := range debts {
		k := key{d.thing, d.namespace}
		i, ok := place[k]
		if !ok {
			place[k] = len(list)
			list = append(list, d)
			continue
		}
		list[i].notice = list[i].notice.Then(d.notice)
	}
	return list
}

// nextSeq is a number for what is owed that was never given before.
func (s *Store) nextSeq() int64 {
	s.seq++
	return s.seq
}

namespace RawSocketChat.Framing;

/// <summary>
/// A Huffman code for symbols that occur so often (RFC 1951 §3.2): for each one the bits to write, and how many. Made anew for each block, in
/// memory that is used again.
/// </summary>
internal sealed class HuffmanCode(int symbols, int longest)
{
    private readonly byte[] _lengths = new byte[symbols];
    private readonly ushort[] _codes = new ushort[symbols];

    // Of the symbols that occur, by their frequency: the tree's nodes, in the way of Moffat and Katajainen.
    private readonly int[] _nodes = new int[symbols];
    private readonly ushort[] _order = new ushort[symbols];
    private readonly int[] _counts = new int[64];

    /// <summary>For each symbol how many bits it takes; 0 where it does not occur.</summary>
    public ReadOnlySpan<byte> Lengths => _lengths;

    /// <summary>For each symbol its bits, the first one least significant, once they are assigned.</summary>
    public ReadOnlySpan<ushort> Codes => _codes;

    /// <summary>Makes the best code for these frequencies that has no longer codes than allowed. Tells only how long they are.</summary>
    /// <returns>How many bits all that occurs takes.</returns>
    public long Build(ReadOnlySpan<int> frequencies)
    {
        Array.Clear(_lengths);
        var used = Sort(frequencies);
        if (used == 1)
        {
            // RFC 1951 §3.2.7: "If only one distance code is used, it is encoded using one bit, not zero bits".
            _lengths[_order[0]] = 1;
        }
        else if (used > 1)
        {
            FindDepths(used);
            LimitDepths(used);
        }

        var bits = 0L;
        foreach (var symbol in _order.AsSpan(0, used))
        {
            bits += (long)frequencies[symbol] * _lengths[symbol];
        }

        return bits;
    }

    /// <summary>Takes a code over from its lengths.</summary>
    public void Build(ReadOnlySpan<byte> lengths)
    {
        lengths.CopyTo(_lengths);
        AssignCodes();
    }

    /// <summary>Assigns the bits: RFC 1951 §3.2.2.</summary>
    public void AssignCodes()
    {
        Span<int> next = stackalloc int[DeflateFormat.LongestCode + 2];
        Span<int> counts = stackalloc int[DeflateFormat.LongestCode + 1];
        next.Clear();
        counts.Clear();
        foreach (var length in _lengths)
        {
            if (length > 0)
            {
                counts[length]++;
            }
        }

        for (var length = 1; length <= DeflateFormat.LongestCode; length++)
        {
            next[length + 1] = (next[length] + counts[length]) << 1;
        }

        for (var symbol = 0; symbol < _lengths.Length; symbol++)
        {
            int length = _lengths[symbol];
            if (length > 0)
            {
                _codes[symbol] = (ushort)DeflateFormat.Reverse(next[length]++, length);
            }
        }
    }

    // The rarest first; where two are as frequent, the lower symbol. Most are rare, so they are counted rather than compared.
    private int Sort(ReadOnlySpan<int> frequencies)
    {
        const int Often = 64;
        Span<int> places = stackalloc int[Often + 1];
        places.Clear();
        foreach (var frequency in frequencies)
        {
            if (frequency > 0)
            {
                places[Math.Min(frequency, Often)]++;
            }
        }

        var used = 0;
        for (var frequency = 1; frequency <= Often; frequency++)
        {
            (places[frequency], used) = (used, used + places[frequency]);
        }

        var firstOften = places[Often];
        for (var symbol = 0; symbol < frequencies.Length; symbol++)
        {
            if (frequencies[symbol] > 0)
            {
                _order[places[Math.Min(frequencies[symbol], Often)]++] = (ushort)symbol;
            }
        }

        SortOften(frequencies, firstOften, used);
        for (var i = 0; i < used; i++)
        {
            _nodes[i] = frequencies[_order[i]];
        }

        return used;
    }

    private void SortOften(ReadOnlySpan<int> frequencies, int first, int used)
    {
        Span<ulong> keys = stackalloc ulong[used - first];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = ((ulong)frequencies[_order[first + i]] << 16) | _order[first + i];
        }

        keys.Sort();
        for (var i = 0; i < keys.Length; i++)
        {
            _order[first + i] = (ushort)keys[i];
        }
    }

    // In place: frequencies become parents, parents depths of the inner nodes, and those how many leaves have which depth.
    private void FindDepths(int used)
    {
        var nodes = _nodes.AsSpan(0, used);
        var (root, leaf) = (0, 0);
        for (var next = 0; next < used - 1; next++)
        {
            var sum = 0;
            for (var child = 0; child < 2; child++)
            {
                if (leaf >= used || (root < next && nodes[root] < nodes[leaf]))
                {
                    sum += nodes[root];
                    nodes[root++] = next;
                }
                else
                {
                    sum += nodes[leaf++];
                }
            }

            nodes[next] = sum;
        }

        nodes[used - 2] = 0;
        for (var node = used - 3; node >= 0; node--)
        {
            nodes[node] = nodes[nodes[node]] + 1;
        }

        Array.Clear(_counts);
        var (available, inner, depth, at) = (1, 0, 0, used - 2);
        while (available > 0)
        {
            while (at >= 0 && nodes[at] == depth)
            {
                inner++;
                at--;
            }

            _counts[Math.Min(depth, _counts.Length - 1)] += available - inner;
            available = 2 * inner;
            depth++;
            inner = 0;
        }
    }

    // Codes that are too long are shortened, for which others become longer: Kraft's sum stays 1.
    private void LimitDepths(int used)
    {
        for (var depth = longest + 1; depth < _counts.Length; depth++)
        {
            _counts[longest] += _counts[depth];
            _counts[depth] = 0;
        }

        var sum = 0L;
        for (var depth = 1; depth <= longest; depth++)
        {
            sum += (long)_counts[depth] << (longest - depth);
        }

        for (; sum > 1L << longest; sum--)
        {
            _counts[longest]--;
            var depth = longest - 1;
            while (_counts[depth] == 0)
            {
                depth--;
            }

            _counts[depth]--;
            _counts[depth + 1] += 2;
        }

        // The rarest symbols get the longest codes.
        var next = 0;
        for (var depth = longest; depth > 0; depth--)
        {
            for (var count = _counts[depth]; count > 0 && next < used; count--)
            {
                _lengths[_order[next++]] = (byte)depth;
            }
        }
    }
}

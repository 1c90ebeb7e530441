"""Two threads, of which one runs at a time."""

import threading


def test_the_threads_run_in_turns():
    from sweeper.own_loop._turns import Turns

    turns, heard = Turns(), []

    def probes():
        for number in range(3):
            heard.append(f"probe {number}")
            turns.to_script()
        heard.append("the end")
        turns.to_script()

    def script():
        turns.begin(probes)
        for number in range(3):
            heard.append(f"steps {number}")
            turns.to_probes()

    thread = threading.Thread(target=script, daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    assert heard == ["probe 0", "steps 0", "probe 1", "steps 1", "probe 2", "steps 2", "the end"]

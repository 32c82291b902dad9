import { useJobProgress } from '../hooks/useWebSocket';

function JobMonitor({ jobId }) {
  const [progress, setProgress] = useState(0);

  useJobProgress(jobId, (data) => {
    if (data.progress) {
      setProgress(data.progress.progress);
    }
  });

  return (
    <div>
      <progress value={progress} max={100} />
      <span>{progress}%</span>
    </div>
  );
}
